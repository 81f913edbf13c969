import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig, type Plugin } from 'vite'

const ROOT = import.meta.dirname

/**
 * `vite dev` only: styles arrive inline there, which the page's policy forbids, and `model/` is read
 * from `assets/` as the shells serve it.
 */
function development(): Plugin {
  return {
    name: 'plateau-development',
    apply: 'serve',
    transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
    configureServer({ middlewares }) {
      middlewares.use((request, _response, next) => {
        if (request.url?.startsWith('/model/')) request.url = `/@fs${ROOT}/../assets/${request.url.slice(7)}`
        next()
      })
    },
  }
}

export default defineConfig({
  root: ROOT,
  base: './',
  plugins: [svelte({ configFile: false }), development()],
  worker: { format: 'es' },
  server: { host: '127.0.0.1', fs: { allow: ['..'] } },
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'chrome137',
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
})
