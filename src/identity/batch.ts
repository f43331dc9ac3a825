import type { Dialect, Sql } from '../dialects/dialect.ts'
import { type Statement, type Step, statement } from '../ir/step.ts'
import { forgetSteps } from './replay.ts'
import { createIndexes, dropIndexes, type StateTable, stateColumnsOf } from './state.ts'
import type { Writer } from './statements.ts'
import { eraseSteps } from './suppressed.ts'
import { type IdentityTables, identityRelation, type TableName } from './tables.ts'

/**
 * What the batch changes, in tables of its own: nothing of the state is written yet.
 *
 * Leaves `identity_new_links`, `identity_new_profiles`, `identity_changed_profiles`, `identity_new_updates` and
 * `identity_new_violations`.
 */
export function batchSteps(writer: Writer): readonly Step[] {
  return [
    ...writer.table('newLinks', 'new-links'),
    ...writer.forget('origins'),
    ...writer.table('newProfileSums', 'new-profile-sums'),
    ...writer.table('newProfiles', 'new-profiles'),
    ...writer.table('changedProfiles', 'changed-profiles'),
    ...writer.table('newUpdates', 'new-updates'),
    ...writer.table('newViolations', 'new-violations'),
    ...writer.forget('newProfileSums', 'profileKeys'),
  ]
}

/** What state tables take in as it is; `stateLinks` takes in new links with their texts. */
const additions: readonly (readonly [StateTable, TableName])[] = [
  ['stateProfiles', 'newProfiles'],
  ['stateUpdates', 'newUpdates'],
  ['violations', 'newViolations'],
  ['stateLateEvents', 'newLateEvents'],
  ['events', 'newEvents'],
  ['eventIdentifiers', 'newEventIdentifiers'],
  ['stateEventProfiles', 'stamps'],
  ['stateBatches', 'newBatch'],
  ['stateCuts', 'cuts'],
  ['stateSuppressions', 'suppressions'],
]

const taking: readonly StateTable[] = [...additions.map(([state]) => state), 'stateLinks']

/**
 * The one transaction that takes the batch into the state; on a full refresh the state is emptied first. Where nothing is taken
 * in once more, as nearly always, another that looks for nothing to take out.
 */
export function applySteps(
  writer: Writer,
  tables: IdentityTables,
  dialect: Dialect,
  workSchema: string,
): readonly Step[] {
  const refreshed = `(select intake.full_refresh from ${tables.intake} as intake)`
  const body = (replays: boolean): readonly Statement[] => [
    ...taking.map((state) =>
      statement(`empty ${state} on a full refresh`, `delete from ${tables[state]}\nwhere ${refreshed}`),
    ),
    ...(replays ? [...forgetSteps(tables), ...eraseSteps(tables)] : []),
    ...(['stateCuts', 'stateSuppressions'] as const).map((state) =>
      statement(`renew ${state}`, `delete from ${tables[state]}\nwhere true`),
    ),
    statement('update-profiles', dialect.byIndex(writer.select('update-profiles'))),
    ...additions.map(([state, from]) =>
      statement(`add to ${state}`, insertAll(state, from, tables, dialect)),
    ),
    writer.run('add-links'),
    ...takenSteps(tables),
  ]
  const dropped = dropIndexes(dialect, workSchema)
  return [
    ...(dropped.length === 0 ? [] : [writer.branch('fill the state anew', 'rebuild-due', dropped)]),
    writer.branch('something is taken in once more', 'replay-due', [
      { kind: 'transaction', name: 'take the batch in, and some of it once more', body: body(true) },
    ]),
    writer.branch('nothing is taken in once more', 'no-replay-due', [
      { kind: 'transaction', name: 'take the batch in', body: body(false) },
    ]),
    ...taking.flatMap((state) =>
      dialect
        .gatherStatistics(identityRelation(workSchema, state))
        .map((sql) => statement(`statistics of ${state}`, sql)),
    ),
    ...createIndexes(dialect, workSchema),
  ]
}

/** Nothing is taken in twice, though a run may resolve identities without reading the sources again. */
function takenSteps(tables: IdentityTables): readonly Statement[] {
  return [
    ...[tables.newEvents, tables.newEventIdentifiers, tables.newLateEvents].map(
      (table) => `delete from ${table}\nwhere true`,
    ),
    `update ${tables.intake}\nset full_refresh = false\nwhere full_refresh`,
  ].map((sql) => statement('it is taken in', sql))
}

function insertAll(state: StateTable, from: TableName, tables: IdentityTables, dialect: Dialect): Sql {
  const columns = stateColumnsOf(state)
    .map(({ name }) => `  ${dialect.ident(name)}`)
    .join(',\n')
  return `insert into ${tables[state]} (\n${columns}\n)\nselect\n${columns}\nfrom ${tables[from]}`
}
