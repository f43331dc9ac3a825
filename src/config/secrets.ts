import type { Serving, Target } from './config.ts'
import type { EnvironmentValue } from './yaml-values.ts'

/** Keys whose values are names that compiled SQL and summaries show anyway. */
const shown: ReadonlySet<string> = new Set([
  'name',
  'version',
  'target',
  'models',
  'templates',
  'seeds',
  'type',
  'schema',
  'work_schema',
  'threads',
  'memory_limit',
  'port',
  'sslmode',
  'sslrootcert',
  'sslcert',
  'sslkey',
  'connect_timeout',
  'lock_timeout',
  'statement_timeout',
  'application_name',
  'database',
  'project',
  'dataset',
  'location',
  'maximum_bytes_billed',
  'impersonate_service_account',
  'billing_project',
  'api_endpoint',
  'role',
  'warehouse',
  'authenticator',
  'protocol',
  'statement_timeout',
  'space_id',
  'rate_limit',
])

/**
 * Texts that must never be printed, longest first so that masking one does not leave the rest of another: what the
 * environment gave for the connection, and passwords however they were given. Variables are not among them: they are
 * there to be written into SQL.
 */
export function secretsOf(
  target: Target,
  { store }: Serving,
  fromEnvironment: readonly EnvironmentValue[],
): readonly string[] {
  const found = new Set<string>()
  const addPassword = (url: string): void => {
    const password = passwordOf(url)
    found.add(password).add(decoded(password))
  }
  for (const { key, topKey, value } of fromEnvironment) {
    const isShown = shown.has(key) || (topKey === 'serving' && key === 'host')
    if (!isShown && topKey !== 'vars' && topKey !== 'spaces') found.add(value)
  }
  if (target.type === 'postgres') {
    if (target.password !== undefined) found.add(target.password)
    if (target.url !== undefined) addPassword(target.url)
  }
  if (store.type === 'postgres') addPassword(store.url)
  if (target.type === 'bigquery') found.add(target.settings.token ?? '')
  if (target.type === 'snowflake') {
    const { password, private_key, private_key_passphrase, token } = target.settings
    for (const secret of [password, private_key, private_key_passphrase, token]) found.add(secret ?? '')
  }
  found.delete('')
  return [...found].toSorted((left, right) => right.length - left.length || (left < right ? -1 : 1))
}

function passwordOf(url: string): string {
  return URL.canParse(url) ? new URL(url).password : ''
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray % is no escape: the text stands for itself.
    return text
  }
}
