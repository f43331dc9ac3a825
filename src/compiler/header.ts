import type { Origin } from '../ir/node.ts'
import { type Statement, statement } from '../ir/step.ts'

/** The comment that leads from SQL back to its definition; no time, version or absolute path. */
export function header(type: string, name: string, origin?: Origin): string {
  const from = origin === undefined ? '' : `-- from:  ${inLine(origin.file)}:${origin.line}\n`
  const edit =
    origin === undefined
      ? '-- Generated from the sources and definitions.'
      : '-- Generated; edit the definition, not this file.'
  return `-- ${type}: ${inLine(name)}\n${from}${edit}\n\n`
}

/** Names of events and files may hold line ends, after which a comment is one no more. */
function inLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}

/** Statements as steps, the header above the first. */
export function steps(name: string, head: string, sql: readonly string[]): readonly Statement[] {
  return sql.map((text, index) => statement(name, index === 0 ? head + text : text))
}
