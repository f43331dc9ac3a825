import type { GivenEvent, GivenRule } from './identity-run.ts'

const blocked = [{ exact: '-1' }, { exact: 'null' }, { exact: 'anonymous' }, { pattern: '^[0-]*$' }]

/** Types in order of priority, as in the specification's scenarios: one user_id for ever, five of the others. */
export const defaults: readonly GivenRule[] = [
  { type: 'user_id', limit: 1, frequency: 'ever', blocked },
  { type: 'email', limit: 5, frequency: 'ever' },
  { type: 'android.id', limit: 5, frequency: 'ever' },
  { type: 'anonymous_id', limit: 5, frequency: 'ever' },
  { type: 'ga_client_id', limit: 5, frequency: 'ever' },
  { type: 'ios.id', limit: 5, frequency: 'ever' },
  { type: 'phone', limit: 5, frequency: 'ever' },
]

/** The defaults with a change to the rule of one type. */
export const limit = (type: string, change: Partial<GivenRule>): readonly GivenRule[] =>
  defaults.map((rule) => (rule.type === type ? { ...rule, ...change } : rule))

export const overLimit = 'Identifier value limit exceeded'
export const overTime = 'Identifier value time limit exceeded'
export const isBlocked = 'ID value blocked'

/** Names of types in short texts. */
const short: Readonly<Record<string, string>> = {
  u: 'user_id',
  e: 'email',
  a: 'anonymous_id',
  ga: 'ga_client_id',
  ios: 'ios.id',
  android: 'android.id',
  phone: 'phone',
}

/** `u=u1 a=a1`, or `3d u=u1`: so many days after the first of January. */
export function event(text: string, index: number): GivenEvent {
  const words = text.split(' ').filter((word) => word !== '')
  const day = words.find((word) => /^\d+d$/.test(word))
  return {
    arrival: index + 1,
    time: Date.UTC(2026, 0, 1) + (day === undefined ? index * 60_000 : Number.parseInt(day, 10) * 86_400_000),
    identifiers: words
      .filter((word) => word.includes('='))
      .map((word, location) => {
        const [key = '', value = ''] = word.split('=')
        return { type: short[key] ?? key, value, location: location + 1 }
      }),
  }
}

/** `u=u1`, of a full type name. */
export function shortName(type: string, value: string): string {
  const name = Object.entries(short).find(([, full]) => full === type)?.[0] ?? type
  return `${name}=${value}`
}
