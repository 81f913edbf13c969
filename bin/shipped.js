// Plain JavaScript for the same reason as build.js, which calls it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ name: string, version: string, licence: string, text: string }} ShippedPackage */
/** @typedef {{ version: string, license?: string, dev?: boolean, devOptional?: boolean }} LockedPackage */

/** Packages for development that write code of their own into a bundle. */
const WRITES_INTO_BUNDLES = new Set(['@inlang/paraglide-js'])
const LICENCE_FILE = /^(?:licen[cs]e|copying)(?:[.-].*)?$/i

/**
 * Every package that is not for development only, or leaves code of its own in a bundle, with its licence as it says it and
 * the words of its licence file: what the bundles are made of, and some that no bundle needs.
 *
 * @param {string} root
 * @returns {ShippedPackage[]} by name
 */
export function shippedPackages(root) {
  /** @type {unknown} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const { packages } = /** @type {{ packages: Record<string, LockedPackage> }} */ (lock)
  /** @type {Map<string, ShippedPackage>} */
  const found = new Map()
  for (const [path, { version, license = '', dev = false, devOptional = false }] of Object.entries(
    packages,
  )) {
    const name = path.split('node_modules/').at(-1) ?? ''
    const ships = !(dev || devOptional) || WRITES_INTO_BUNDLES.has(name)
    // What this system has no use for is not installed.
    if (name === '' || !ships || !existsSync(join(root, path))) continue
    found.set(`${name} ${version}`, { name, version, licence: license, text: licenceText(join(root, path)) })
  }
  return [...found.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @param {string} folder */
function licenceText(folder) {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file))
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
}
