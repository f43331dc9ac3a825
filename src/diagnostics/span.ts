/** A stretch of a project file. Lines and columns count from 1; `endColumn` is past the last character. */
export interface Span {
  /** Relative to the project folder, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}

/** Whether the second lies within the first; both of one file. */
export function spanContains(outer: Span, inner: Span): boolean {
  const startsBefore = outer.line < inner.line || (outer.line === inner.line && outer.column <= inner.column)
  const endsAfter =
    outer.endLine > inner.endLine || (outer.endLine === inner.endLine && outer.endColumn >= inner.endColumn)
  return startsBefore && endsAfter
}

/** `file:line:column`, as problems and messages name a place. */
export function placeOf({ file, line, column }: Span): string {
  return `${file}:${line}:${column}`
}
