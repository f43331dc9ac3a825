import type { Span } from '../diagnostics/span.ts'
import type { CompiledNode } from '../ir/node.ts'

/** Where the definition of a node begins. */
export function nodeSpan({ origin }: Pick<CompiledNode, 'origin'>): Span | undefined {
  return origin && { file: origin.file, line: origin.line, column: 1, endLine: origin.line, endColumn: 1 }
}
