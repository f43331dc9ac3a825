/** A stretch of a project file. Lines and columns count from 1; `endColumn` is past the last character. */
export interface Span {
  /** Relative to the project folder, with forward slashes. */
  readonly file: string
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
}
