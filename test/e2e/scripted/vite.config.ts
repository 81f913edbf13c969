import { defineConfig, mergeConfig } from 'vite'
import renderer from '../../../renderer/vite.config.ts'

/** The window with the scripted engine in place of the worker: for looking at it, and for tests of what it shows. */
export default mergeConfig(
  renderer,
  defineConfig({
    root: import.meta.dirname,
  }),
)
