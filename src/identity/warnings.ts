import type { IdentityRules } from '../definitions/definitions.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Step, Warning } from '../ir/step.ts'
import { defaultWarnClusterSize } from './limits.ts'
import type { Writer } from './statements.ts'

/** More would not be read; whoever mends the first finds the others in the tables. */
const rowsShown = 20

/**
 * What the author should know of the batches since those that were spoken of last, which are then remembered: a run that
 * dies in between leaves it to the next.
 *
 * Reads the state, so it follows the transaction that takes the batch in.
 */
export function warningSteps(writer: Writer, rules: IdentityRules, dialect: Dialect): readonly Step[] {
  const cutsEvents = (rules.cuts ?? []).some((cut) => 'event' in cut)
  return [
    writer.branch('warn of new batches', 'warnings-due', [
      largeClusters(writer, rules, dialect),
      ...(rules.maxPartners === undefined ? [] : [hotIdentifiers(writer, dialect)]),
      writer.run('add-warned'),
    ]),
    ...(cutsEvents ? [unknownCuts(writer)] : []),
  ]
}

/** Profiles that grew past `warnClusterSize`, with the identifier that holds each together. */
function largeClusters(writer: Writer, rules: IdentityRules, dialect: Dialect): Warning {
  const { warnClusterSize = defaultWarnClusterSize } = rules
  return {
    kind: 'warning',
    name: 'large clusters',
    sql: writer.select('large-clusters', {
      warnClusterSize,
      rowsShown,
      memberType: dialect.binaryText('members.identifier_type'),
      memberValue: dialect.binaryText('members.identifier_value'),
    }),
    code: 'PSN5023',
  }
}

/** Identifiers that were left out for the first time because they have too many partners. */
function hotIdentifiers(writer: Writer, dialect: Dialect): Warning {
  return {
    kind: 'warning',
    name: 'hot identifiers',
    sql: writer.select('hot-identifiers', {
      rowsShown,
      leftOutType: dialect.binaryText('left_out.identifier_type'),
      leftOutValue: dialect.binaryText('left_out.identifier_value'),
    }),
    code: 'PSN5026',
  }
}

/** As long as it is so: a misspelt cut does nothing. */
function unknownCuts(writer: Writer): Warning {
  return { kind: 'warning', name: 'unknown cuts', sql: writer.select('unknown-cuts'), code: 'PSN5025' }
}
