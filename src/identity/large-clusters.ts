import type { IdentityRules } from '../definitions/definitions.ts'
import type { Dialect } from '../dialects/dialect.ts'
import type { Warning } from '../ir/step.ts'
import { defaultWarnClusterSize } from './limits.ts'
import type { Writer } from './statements.ts'

/** More would not be read; whoever mends the first finds the others in `identity_runs.cluster_sizes`. */
const clustersShown = 20

/**
 * Warns of profiles that grew past `warnClusterSize` in this batch, with the identifier that holds each together.
 *
 * Reads the state, so it follows the transaction that takes the batch in.
 */
export function largeClusters(writer: Writer, rules: IdentityRules, dialect: Dialect): Warning {
  const { warnClusterSize = defaultWarnClusterSize } = rules
  return {
    kind: 'warning',
    name: 'large clusters',
    sql: writer.select('large-clusters', {
      warnClusterSize,
      clustersShown,
      memberType: dialect.binaryText('members.identifier_type'),
      memberValue: dialect.binaryText('members.identifier_value'),
    }),
    code: 'PSN5023',
  }
}
