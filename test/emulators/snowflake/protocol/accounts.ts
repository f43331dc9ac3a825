import { createHash, createPublicKey, createVerify, type KeyObject } from 'node:crypto'
import { isRecord, string } from './json.ts'

/** Who may log in, and how. Tokens and keys are of this user. */
export interface Account {
  readonly name: string
  readonly user: string
  readonly password: string
  readonly publicKey: KeyObject
  readonly oauthToken: string
  readonly programmaticToken: string
}

export interface Refusal {
  readonly code: string
  readonly message: string
}

const incorrect: Refusal = { code: '390100', message: 'Incorrect username or password was specified.' }

/** @returns why not, undefined where the login is good */
export function checkLogin(account: Account, data: unknown): Refusal | undefined {
  if (string(data, 'LOGIN_NAME')?.toUpperCase() !== account.user && string(data, 'AUTHENTICATOR') !== 'OAUTH')
    return incorrect
  const token = string(data, 'TOKEN')
  switch ((string(data, 'AUTHENTICATOR') ?? 'SNOWFLAKE').toUpperCase()) {
    case 'SNOWFLAKE_JWT':
      return checkJwt(account, token ?? '')
    case 'OAUTH':
      return token === account.oauthToken
        ? undefined
        : { code: '390303', message: 'Invalid OAuth access token.' }
    case 'PROGRAMMATIC_ACCESS_TOKEN':
      return token === account.programmaticToken
        ? undefined
        : { code: '394400', message: 'Programmatic access token is invalid.' }
    case 'SNOWFLAKE':
      return string(data, 'PASSWORD') === account.password ? undefined : incorrect
    default:
      return { code: '390104', message: 'This authenticator is not modelled by the simulated Snowflake.' }
  }
}

/**
 * Issuer `ACCOUNT.USER.SHA256:fingerprint`, subject `ACCOUNT.USER`, signed with the key that is registered for the user.
 *
 * @see https://docs.snowflake.com/en/user-guide/key-pair-auth
 */
function checkJwt(account: Account, token: string): Refusal | undefined {
  const invalid: Refusal = { code: '390144', message: 'JWT token is invalid.' }
  const [header = '', payload = '', signature = ''] = token.split('.')
  const verified = createVerify('RSA-SHA256')
    .update(`${header}.${payload}`)
    .verify(account.publicKey, Buffer.from(signature, 'base64url'))
  if (!verified) return invalid
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString())
  if (!isRecord(claims)) return invalid
  const subject = `${account.name.toUpperCase()}.${account.user}`
  if (claims.sub !== subject || claims.iss !== `${subject}.${fingerprint(account.publicKey)}`) return invalid
  // The driver writes milliseconds where the standard has seconds.
  const expires = Number(claims.exp)
  return expires * (expires < 1e11 ? 1000 : 1) > Date.now() ? undefined : invalid
}

function fingerprint(key: KeyObject): string {
  return `SHA256:${createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64')}`
}

export function publicKeyOf(privateKey: string): KeyObject {
  return createPublicKey({ key: privateKey, format: 'pem' })
}
