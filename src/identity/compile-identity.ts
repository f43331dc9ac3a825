import type { IdentityRules } from '../definitions/definitions.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { PublishedTable } from '../ir/published.ts'
import type { Check, Step } from '../ir/step.ts'
import type { Templates } from '../sql/templates.ts'
import { componentSteps } from './components.ts'
import { identityContext } from './context.ts'
import { historySteps } from './history.ts'
import { limitSteps } from './limit-rounds.ts'
import { defaultHardLimits, type HardLimits } from './limits.ts'
import { publishedTables } from './published-tables.ts'
import { identityWriter, type Writer } from './statements.ts'

export interface IdentityInput {
  readonly rules: IdentityRules
  readonly dialect: Dialect
  readonly templates: Templates
  /** Where `run`, `events` and `event_identifiers` are read and everything is written. */
  readonly workSchema: string
  /** 1,000 identifiers and 100 merges a profile where absent. */
  readonly hardLimits?: HardLimits
}

export interface IdentityPlan {
  readonly steps: readonly Step[]
  readonly published: readonly PublishedTable[]
}

/**
 * Steps that resolve identifiers to profiles, with the result of taking events one after the other in arrival order.
 *
 * Reads the working tables `run`, `events` and `event_identifiers`; writes `identifiers`, `profiles`, `event_profiles`,
 * `id_graph_updates`, `external_id_mapping_updates`, `identity_violations` and `identity_certificate`.
 *
 * @throws Error if no rule names an identifier of users
 */
export function compileIdentity(input: IdentityInput): IdentityPlan {
  const { rules, dialect, templates, workSchema, hardLimits = defaultHardLimits } = input
  const context = identityContext(rules, hardLimits, dialect, workSchema)
  if (context.types.length === 0) throw new Error('identity has no rule for an identifier of users')
  const writer = identityWriter(context, dialect, templates, workSchema)
  return {
    steps: [
      ...writer.table('rounds', 'no-rounds'),
      ...writer.table('dictionary', 'dictionary'),
      hashesDiffer(writer),
      ...writer.table('sightings', 'sightings'),
      ...writer.table('edges', 'edges'),
      ...componentSteps(writer),
      ...writer.table('components', 'components'),
      ...writer.table('suspects', 'suspects'),
      ...limitSteps(writer, context.windowed),
      ...historySteps(writer),
      ...writer.table('identifiers', 'identifiers'),
      ...writer.table('profiles', 'profiles'),
      ...writer.table('eventProfiles', 'event-profiles'),
      ...writer.table('idGraphUpdates', 'id-graph-updates'),
      ...writer.table('externalIdMappingUpdates', 'external-id-mapping-updates'),
      ...writer.table('violations', 'violations'),
      ...writer.table('certificate', 'certificate'),
      historyAgrees(writer),
    ],
    published: publishedTables(writer),
  }
}

function hashesDiffer(writer: Writer): Check {
  return {
    kind: 'check',
    name: 'identifiers have different hashes',
    sql: writer.select('collisions'),
    message: 'two identifiers have the same 60-bit hash and would be taken for one',
    hint: 'block one of the two values: nothing was published',
  }
}

function historyAgrees(writer: Writer): Check {
  return {
    kind: 'check',
    name: 'history agrees with the clusters',
    sql: writer.select('disagreements-left'),
    message: 'the history of merges leads to other profiles than the clusters',
    hint: 'this is a bug of personas: nothing was published; please report it with the compiled file of this node',
  }
}
