/** What is used of Trusted Types; TypeScript's own declarations do not have them yet. */
interface TrustedTypes {
  createPolicy(name: string, rules: { readonly createScriptURL: (url: string) => string | null }): unknown
}

declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypes
  }
}

/**
 * The page's policy has the browser refuse text where it would become markup or code. Let through here: the address of
 * a worker of our own bundle. Svelte's templates, which the compiler wrote, have a policy of Svelte's.
 */
window.trustedTypes?.createPolicy('default', {
  createScriptURL(address) {
    const url = new URL(address, document.baseURI)
    const bundle = new URL('assets/', document.baseURI).href
    return url.href.startsWith(bundle) && /^[\w.-]+\.js$/.test(url.href.slice(bundle.length)) ? address : null
  },
})

export {}
