import type { IdentityRules } from '../definitions/definitions.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { PublishedTable } from '../ir/published.ts'
import { type Check, type Statement, type Step, statement } from '../ir/step.ts'
import type { Templates } from '../sql/templates.ts'
import { applySteps, batchSteps } from './batch.ts'
import { componentSteps } from './components.ts'
import { identityContext } from './context.ts'
import { historySteps } from './history.ts'
import { limitSteps } from './limit-rounds.ts'
import { defaultHardLimits, type HardLimits } from './limits.ts'
import { publishedTables, sinceSelect } from './published-tables.ts'
import { replaySteps } from './replay.ts'
import { sightingSteps } from './sightings.ts'
import { createState, dropBatchViews } from './state.ts'
import { identityWriter, type Writer } from './statements.ts'
import { createSuppressions, suppressedSteps } from './suppressed.ts'
import { identityRelation, type TableName } from './tables.ts'
import { warningSteps } from './warnings.ts'

export interface IdentityInput {
  readonly rules: IdentityRules
  readonly dialect: Dialect
  readonly templates: Templates
  /** Where `run`, `intake` and the `new_…` tables are read and everything is written. */
  readonly workSchema: string
  /** Where the public tables are. */
  readonly schema: string
  /** Other public tables that are filled from the state, batch by batch. */
  readonly followers?: readonly string[]
  /** 1,000 identifiers and 100 merges a profile where absent. */
  readonly hardLimits?: HardLimits
  /** Into how many stretches the first round of the limits cuts the events; 1 where absent. Changes no result. */
  readonly stretches?: number
}

export interface IdentityPlan {
  readonly steps: readonly Step[]
  readonly published: readonly PublishedTable[]
  /** A working table to make before publishing, when the public tables are there. */
  readonly prepared: { readonly name: string; readonly select: string }
}

/**
 * Steps that resolve the identifiers of new events, with the result of taking all events so far one after the other in
 * arrival order.
 *
 * Reads `run`, `intake`, `new_events`, `new_event_identifiers`, `new_late_events` and the state (`state.ts`) that earlier
 * runs left;
 * who is suppressed is left out and taken out of both. Changes the state in one transaction at the end. Leaves views of it (`identifiers`, `profiles`, `event_profiles`,
 * `id_graph_updates`, `external_id_mapping_updates`) and `identity_certificate`.
 *
 * @throws Error if no rule names an identifier of users
 */
export function compileIdentity(input: IdentityInput): IdentityPlan {
  const { rules, dialect, templates, workSchema, hardLimits = defaultHardLimits, stretches = 1 } = input
  const context = identityContext(rules, hardLimits, dialect, workSchema, stretches)
  if (context.types.length === 0) throw new Error('identity has no rule for an identifier of users')
  const writer = identityWriter(context, dialect, templates, workSchema)
  const view = (name: TableName, template: string): readonly Statement[] =>
    dialect
      .createView(identityRelation(workSchema, name), writer.select(template))
      .map((sql) => statement(template, sql))
  return {
    steps: [
      ...createState(dialect, workSchema),
      ...createSuppressions(dialect, input.schema),
      ...writer.table('rounds', 'no-rounds'),
      ...writer.table('disagreements', 'no-disagreements'),
      ...suppressedSteps(writer, context.tables, dialect, input.schema),
      ...replaySteps(writer),
      ...view('batchEvents', 'batch-events'),
      ...view('batchIdentifiers', 'batch-identifiers'),
      ...writer.table('newBatch', 'new-batch'),
      writer.branch('resolve the batch', 'batch-due', [
        ...writer.table('dictionary', 'dictionary'),
        ...writer.lookUp('known', 'known'),
        hashesDiffer(writer),
        ...writer.lookUp('priorProfiles', 'prior-profiles'),
        ...writer.table('places', 'places'),
        ...sightingSteps(writer, context.cuts.length > 0, context.maxPartners !== undefined),
        ...writer.table('edges', 'edges'),
        ...componentSteps(writer),
        ...writer.table('components', 'components'),
        ...writer.forget('hooks', 'parents', 'places'),
        ...writer.table('touchedProfiles', 'touched-profiles'),
        ...writer.lookUp('priorLinks', 'prior-links'),
        ...writer.table('suspects', 'suspects'),
        ...limitSteps(writer, context.windowed),
        ...historySteps(writer),
        historyAgrees(writer),
        ...batchSteps(writer),
        ...applySteps(writer, context.tables, dialect, workSchema),
      ]),
      ...dropBatchViews(dialect, workSchema),
      // They name who is erased.
      ...writer.forget('erasedSightings', 'replayIdentifiers', 'replayFrontier'),
      ...view('identifiers', 'view-identifiers'),
      ...view('profiles', 'view-profiles'),
      ...view('eventProfiles', 'view-event-profiles'),
      ...view('idGraphUpdates', 'view-id-graph-updates'),
      ...view('externalIdMappingUpdates', 'view-external-id-mapping-updates'),
      ...writer.table('certificate', 'certificate'),
      ...warningSteps(writer, rules, dialect),
    ],
    published: publishedTables(writer, context.tables),
    prepared: {
      name: 'identity_since',
      select: sinceSelect(writer, dialect, input.schema, input.followers ?? []),
    },
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
