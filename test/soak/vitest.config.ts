import { defineConfig } from 'vitest/config'

/** `npm run soak`: hours of what `npm test` does for seconds. */
export default defineConfig({
  test: {
    include: ['test/soak/*.soak.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    pool: 'forks',
    testTimeout: 12 * 3600_000,
    hookTimeout: 600_000,
  },
})
