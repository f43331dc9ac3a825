import type { IdentifierRule } from './definitions.ts'

/** Types found without being configured, beside user_id and email in alphabetical order: their default priority. */
const defaultTypes = [
  'user_id',
  'email',
  'android.id',
  'android.idfa',
  'android.push_token',
  'anonymous_id',
  'ga_client_id',
  'group_id',
  'ios.id',
  'ios.idfa',
  'ios.push_token',
] as const

const everywhere = ['traits', 'properties', 'context_traits', 'external_ids'] as const

/** A type's limit, normalisation and locations where the project does not say. */
export function identifierDefaults(type: string): Omit<IdentifierRule, 'type' | 'priority' | 'span'> {
  const common = { limit: 5, frequency: 'ever', blocked: [], normalize: 'none' } as const
  switch (type) {
    case 'user_id':
      return { ...common, limit: 1, locations: ['external_ids'] }
    case 'email':
      return { ...common, normalize: 'lowercase', locations: ['traits', 'context_traits', 'external_ids'] }
    case 'group_id':
      return { ...common, locations: [] }
    default:
      return { ...common, locations: isDefault(type) ? ['external_ids'] : everywhere }
  }
}

/** The rules of a project without `identity`: the eleven default types. */
export function defaultIdentifiers(): readonly IdentifierRule[] {
  return defaultTypes.map((type, index) => ({ type, priority: index + 1, ...identifierDefaults(type) }))
}

/** user_id, email, then by name. */
export function compareByDefaultPriority(left: string, right: string): number {
  return rank(left) - rank(right) || (left < right ? -1 : Number(left > right))
}

function rank(type: string): number {
  return type === 'user_id' ? 0 : type === 'email' ? 1 : 2
}

function isDefault(type: string): boolean {
  return defaultTypes.some((known) => known === type)
}
