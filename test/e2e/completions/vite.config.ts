import { defineConfig, mergeConfig } from 'vite'
import renderer from '../../../renderer/vite.config.ts'

/** A page of a program that was written for WebLLM: the engine's client and worker, and nothing of the window. */
export default mergeConfig(
  renderer,
  defineConfig({
    root: import.meta.dirname,
  }),
)
