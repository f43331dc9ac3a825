import type { EventTrait, RelatedTrait } from '../../definitions/definitions.ts'
import { problem } from '../../diagnostics/problem.ts'
import type { CompiledNode } from '../../ir/node.ts'
import type { CompileScope } from '../compile-scope.ts'
import { carried } from '../compiled-definition.ts'
import type { Context } from '../context.ts'
import { scanRelation } from '../scans/compile-scan.ts'
import { measureType, typesOf } from '../scans/measure.ts'
import { type Scan, type ScanColumn, scanNode } from '../scans/plan-scans.ts'
import { fallbackOf } from './fallback.ts'

/** The node of a trait of events or rows: a column of the scan that computes it together with what else is asked of the event. */
export function scannedTrait(
  context: Context,
  trait: EventTrait | RelatedTrait,
  { scan, column }: { readonly scan: Scan; readonly column: ScanColumn },
  scope: Pick<CompileScope, 'event' | 'relationship' | 'trait'>,
  computedIn: readonly string[],
): CompiledNode {
  const { name, fallback } = trait
  const type = measureType(column, typesOf(scope))
  if (fallback !== undefined && fallbackOf(trait, type, typesOf(scope)) === undefined) {
    const found = JSON.stringify(fallback.value)
    context.report(problem('PSN3107', { trait: name, found, type }, fallback.span))
  }
  return {
    id: `trait.${name}`,
    type: 'trait',
    name,
    ...carried(trait),
    dependsOn: [scanNode(scan)],
    computedIn,
    relation: scanRelation(context, scan),
    columns: [{ name: column.column, type }],
    steps: [],
  }
}
