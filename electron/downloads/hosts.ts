/** Hugging Face, and where its files are kept: the only places models are fetched from. */
const HOSTS = ['huggingface.co', 'hf.co']

/** https on one of the hosts or a name below it, on the usual port, with no user name in the address. */
export function isModelHost({ protocol, hostname, port, username, password }: URL): boolean {
  if (protocol !== 'https:' || port !== '' || username !== '' || password !== '') return false
  return HOSTS.some((host) => hostname === host || hostname.endsWith(`.${host}`))
}
