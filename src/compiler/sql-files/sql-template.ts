import { createRequire } from 'node:module'
import type Handlebars from 'handlebars'
import { type Problem, problem } from '../../diagnostics/problem.ts'
import type { Span } from '../../diagnostics/span.ts'

const require = createRequire(import.meta.url)

/** A piece of a `.sql` file of models/: text as it stands, or an expression to fill in. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'ref' | 'source' | 'var' | 'env_var'
      /** The quoted words after the name. */
      readonly words: readonly string[]
      readonly span: Span
    }

const arities: Readonly<Record<string, readonly [number, number]>> = {
  ref: [1, 1],
  source: [1, 2],
  var: [1, 2],
  env_var: [1, 2],
}

/** Reads `{{ref 'x'}}`, `{{source 'a' 'b'}}`, `{{var 'x'}}` and `{{env_var 'X' 'default'}}`; anything else is a problem. */
export function parseSqlTemplate(
  file: string,
  sql: string,
  report: (found: Problem) => void,
): readonly Part[] {
  // Most projects have few such files, many have none.
  const handlebars: typeof Handlebars = require('handlebars')
  let program: hbs.AST.Program
  try {
    program = handlebars.parse(sql)
  } catch (error) {
    const message = error instanceof Error ? error.message.split('\n')[0] : String(error)
    const line = Number(/line (\d+)/.exec(message ?? '')?.[1] ?? 1)
    report(
      problem(
        'PSN3015',
        { message: message ?? 'unknown' },
        { file, line, column: 1, endLine: line, endColumn: 2 },
      ),
    )
    return []
  }
  return program.body.flatMap((statement): readonly Part[] => {
    if (isContent(statement)) return [{ kind: 'text', text: statement.value }]
    if (statement.type === 'CommentStatement') return []
    const span = spanOf(file, statement)
    const part = isMustache(statement) ? expression(statement, span) : undefined
    if (part !== undefined) return [part]
    report(
      problem(
        'PSN3015',
        { message: `\`${sql.split('\n')[span.line - 1]?.slice(span.column - 1, span.endColumn - 1)}\`` },
        span,
      ),
    )
    return []
  })
}

function expression(statement: hbs.AST.MustacheStatement, span: Span): Part | undefined {
  const name = 'original' in statement.path ? statement.path.original : undefined
  if (name !== 'ref' && name !== 'source' && name !== 'var' && name !== 'env_var') return undefined
  const words = statement.params.flatMap((parameter) => (isText(parameter) ? [parameter.value] : []))
  const [least, most] = arities[name] ?? [1, 1]
  const fits = words.length === statement.params.length && words.length >= least && words.length <= most
  return fits ? { kind: name, words, span } : undefined
}

function spanOf(file: string, { loc }: hbs.AST.Statement): Span {
  return {
    file,
    line: loc.start.line,
    column: loc.start.column + 1,
    endLine: loc.end.line,
    endColumn: loc.end.column + 1,
  }
}

function isContent(statement: hbs.AST.Statement): statement is hbs.AST.ContentStatement {
  return statement.type === 'ContentStatement'
}

function isMustache(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement'
}

function isText(parameter: hbs.AST.Expression): parameter is hbs.AST.StringLiteral {
  return parameter.type === 'StringLiteral'
}
