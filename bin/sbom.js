// Plain JavaScript, because `npm run package` runs it without a build.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { shippedPackages } from './shipped.js'

/** @typedef {import('./shipped.js').ShippedPackage} ShippedPackage */

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * A package as CycloneDX 1.5 lists it. Not by `npm sbom --omit dev`: npm 11 leaves out what development needs as well, such
 * as svelte.
 *
 * @param {ShippedPackage} shipped
 */
function component({ name, version, licence, within }) {
  const isExpression = /\b(?:OR|AND)\b/.test(licence)
  return {
    type: 'library',
    'bom-ref': `${name}@${version}`,
    name,
    ...(within
      ? { description: `A part of ${within}` }
      : { version, purl: `pkg:npm/${name.replace('@', '%40')}@${version}` }),
    licenses: [isExpression ? { expression: licence } : { license: { name: licence } }],
  }
}

/** @type {unknown} */
const packageJson = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
const { version } = /** @type {{ version: string }} */ (packageJson)
/** The built-in model, which is ours. */
const pocket = {
  type: 'machine-learning-model',
  'bom-ref': 'pocket',
  name: 'pocket',
  version,
  licenses: [{ license: { id: 'MIT' } }],
}
const sbom = {
  bomFormat: 'CycloneDX',
  specVersion: '1.5',
  version: 1,
  metadata: {
    component: {
      type: 'application',
      'bom-ref': 'plateau',
      name: 'plateau',
      version,
      licenses: [{ license: { id: 'MIT' } }],
    },
  },
  components: [...shippedPackages(ROOT).map(component), pocket],
}
mkdirSync(join(ROOT, 'dist'), { recursive: true })
writeFileSync(join(ROOT, 'dist/sbom.cdx.json'), `${JSON.stringify(sbom, null, 2)}\n`)
