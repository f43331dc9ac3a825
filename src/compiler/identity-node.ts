import type { IdentityPlan } from '../identity/compile-identity.ts'
import type { CompiledNode } from '../ir/node.ts'
import type { Step } from '../ir/step.ts'
import { type Context, work } from './context.ts'
import { header } from './header.ts'

/** The node that resolves identifiers to profiles. */
export function identityNode(context: Context, plan: IdentityPlan): CompiledNode {
  return {
    id: 'identity.profiles',
    type: 'identity',
    name: 'profiles',
    description: 'Identifiers resolved to profiles: components, limits and priorities, history.',
    tags: [],
    meta: {},
    dependsOn: ['identity.events'],
    relation: work(context, 'profiles'),
    columns: [],
    steps: withHeader(plan.steps),
  }
}

function withHeader(all: readonly Step[]): readonly Step[] {
  const [first, ...rest] = all
  return first?.kind === 'statement'
    ? [{ ...first, sql: header('identity', 'profiles') + first.sql }, ...rest]
    : all
}
