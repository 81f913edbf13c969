// Plain JavaScript for the same reason as build.js, which calls it.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** @typedef {{ name: string, version: string, licence: string, text: string, within?: string }} ShippedPackage */
/** @typedef {{ version: string, license?: string, dev?: boolean, devOptional?: boolean }} LockedPackage */

/** Packages for development that write code of their own into a bundle, and the one that the bundles run in. */
const SHIPS_ANYWAY = new Set(['@inlang/paraglide-js', 'electron'])
/** What Electron is made of; which version of it, only its binary says. */
const WITHIN_ELECTRON = { Chromium: 'BSD-3-Clause', 'Node.js': 'MIT' }
const LICENCE_FILE = /^(?:licen[cs]e|copying)(?:[.-].*)?$/i

/**
 * Every package that is not for development only, or leaves code of its own in a bundle, with its licence as it says it and
 * the words of its licence file: what the bundles are made of, some that no bundle needs, and what they run in.
 *
 * @param {string} root
 * @returns {ShippedPackage[]} by name
 */
export function shippedPackages(root) {
  /** @type {unknown} */
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const { packages } = /** @type {{ packages: Record<string, LockedPackage> }} */ (lock)
  /** @type {Map<string, ShippedPackage & { folder: string }>} */
  const found = new Map()
  for (const [path, { version, license = '', dev = false, devOptional = false }] of Object.entries(
    packages,
  )) {
    const name = path.split('node_modules/').at(-1) ?? ''
    const ships = !(dev || devOptional) || SHIPS_ANYWAY.has(name)
    // What this system has no use for is not installed.
    if (name === '' || !ships || !existsSync(join(root, path))) continue
    const folder = join(root, path)
    found.set(`${name} ${version}`, { name, version, licence: license, text: licenceText(folder), folder })
  }
  const all = [...found.values()].map(({ folder, ...shipped }) => ({
    ...shipped,
    text:
      shipped.text || `${copyright(folder)}\n\n${standardText(root, shipped.licence, [...found.values()])}`,
  }))
  return [...all, ...withinElectron(all)].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @param {readonly ShippedPackage[]} all */
function withinElectron(all) {
  const electron = all.find(({ name }) => name === 'electron')
  if (!electron) return []
  const within = `Electron ${electron.version}`
  const text = `A part of ${within}. Its licence, and those of all that it is made of, stand in LICENSES.chromium.html beside the packaged program.`
  return Object.entries(WITHIN_ELECTRON).map(([name, licence]) => ({
    name,
    version: within,
    licence,
    text,
    within,
  }))
}

/**
 * The words of a licence that a package names without bringing them: ours, or those that another package brings.
 *
 * @param {string} root
 * @param {string} licence
 * @param {readonly ShippedPackage[]} all
 */
function standardText(root, licence, all) {
  const own = readFileSync(join(root, 'LICENSE'), 'utf8')
  if (licence === 'MIT') return own.slice(own.indexOf('Permission is')).trim()
  const same = all.filter((other) => other.licence === licence && /^\s*Apache License/.test(other.text))
  return same[0]?.text ?? licence
}

/** @param {string} folder */
function copyright(folder) {
  /** @type {unknown} */
  const packageJson = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const { name, author } = /** @type {{ name: string, author?: string | { name: string } }} */ (packageJson)
  return `Copyright (c) ${typeof author === 'string' ? author : (author?.name ?? `the authors of ${name}`)}`
}

/** @param {string} folder */
function licenceText(folder) {
  const files = readdirSync(folder).filter((file) => LICENCE_FILE.test(file))
  return files.map((file) => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n')
}
