import { randomBytes, timingSafeEqual } from 'node:crypto'

/** 256 bits, as an address, a cookie and a header can hold them. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** Whether it is the secret that is expected; the time it takes does not tell how much of it is right. */
export function isSecret(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)]
  return a.length === b.length && timingSafeEqual(a, b)
}
