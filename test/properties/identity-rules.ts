import type { GivenRule } from '../scenarios/identity/identity-run.ts'
import { pick, type Random } from './identity-random.ts'

export const identifierTypes = ['user_id', 'email', 'anonymous_id', 'ios.id', 'phone'] as const

export function randomRules(random: Random, windowed: boolean): readonly GivenRule[] {
  return identifierTypes.map((type) => randomRule(random, type, windowed))
}

function randomRule(random: Random, type: string, windowed: boolean): GivenRule {
  const isUser = type === 'user_id'
  return {
    type,
    limit: 1 + random(isUser ? 2 : 3),
    frequency: windowed && !isUser && random(2) === 0 ? pick(random, ['daily', 'weekly', 'monthly']) : 'ever',
    // Always, as many streams have these values.
    blocked: isUser ? [{ exact: 'null' }, { pattern: '^[0-]*$' }] : [],
  }
}

/** The rules as someone might have edited them between two runs. */
export function editedRules(
  random: Random,
  rules: readonly GivenRule[],
  windowed: boolean,
): readonly GivenRule[] {
  const at = random(rules.length)
  const rule = pick(random, rules)
  const others = rules.filter((other) => other !== rule)
  const missing = identifierTypes.filter((type) => rules.every((known) => known.type !== type))
  const edits: readonly (() => readonly GivenRule[])[] = [
    () => rules.map((old) => (old === rule ? { ...randomRule(random, old.type, windowed) } : old)),
    () => rules.map((old) => ({ ...old, limit: 1 + random(3) })),
    () => others.toSpliced(at, 0, rule),
    // The first value of each stream.
    () =>
      rules.map((old) =>
        old === rule ? { ...old, blocked: [...(old.blocked ?? []), { pattern: '[.]0$' }] } : old,
      ),
    () => (others.length > 1 ? others : rules),
    () =>
      missing.length > 0
        ? rules.toSpliced(at, 0, randomRule(random, pick(random, missing), windowed))
        : rules,
  ]
  return pick(random, edits)()
}
