import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vitest/config'

/** `npm run soak`: hours of what `npm test` does for seconds. */
export default defineConfig({
  plugins: [svelte()],
  test: {
    include: ['test/soak/*.soak.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    testTimeout: 12 * 3600_000,
    hookTimeout: 600_000,
  },
})
