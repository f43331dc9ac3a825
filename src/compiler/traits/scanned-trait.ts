import type { EventTrait } from '../../definitions/definitions.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { CompileScope } from '../compile-scope.ts'
import type { Context } from '../context.ts'
import { scanRelation } from '../scans/compile-scan.ts'
import { measureType } from '../scans/measure.ts'
import { type Scan, type ScanColumn, scanNode } from '../scans/plan-scans.ts'

/** The node of a trait of events: a column of the scan that computes it together with what else is asked of the event. */
export function scannedTrait(
  context: Context,
  trait: EventTrait,
  { scan, column }: { readonly scan: Scan; readonly column: ScanColumn },
  scope: Pick<CompileScope, 'event'>,
  computedIn: readonly string[],
): CompiledNode {
  const { name, description, owner, tags, meta, span } = trait
  return {
    id: `trait.${name}`,
    type: 'trait',
    name,
    origin: { file: span.file, line: span.line },
    ...(description !== undefined && { description }),
    ...(owner !== undefined && { owner }),
    tags,
    meta,
    dependsOn: [scanNode(scan)],
    computedIn,
    relation: scanRelation(context, scan),
    columns: [{ name: column.column, type: measureType(column, scope.event(trait.event)) }],
    steps: [],
  }
}
