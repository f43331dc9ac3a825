import { ambiguousColumn, invalidIdentifier, unsupportedSubquery } from '../errors.ts'
import type { Expr, Name } from '../language/syntax.ts'
import { shown } from './names.ts'
import type { SfType, Typed } from './types.ts'

export interface ScopeColumn {
  readonly name: string
  readonly type: SfType
  readonly sql: string
  /** The second of two columns that USING made one: found by its table's name only. */
  readonly merged?: boolean
}

export interface ScopeItem {
  /** What columns can be qualified with: an alias, or the full name of a table. */
  readonly name: Name
  readonly columns: readonly ScopeColumn[]
}

/** What names mean inside one SELECT. */
export class Scope {
  readonly items: readonly ScopeItem[]
  readonly parent: Scope | undefined
  /** Aliases of the select list, which WHERE, GROUP BY, QUALIFY and other items may use. */
  readonly aliases: ReadonlyMap<string, Expr>
  readonly #busy = new Set<string>()
  /** Names that were looked up here, and those that only an enclosing query knew. */
  inner = 0
  outer: string[] = []
  /** Whether it is tied to an enclosing query by equalities. */
  correlated = false

  constructor(items: readonly ScopeItem[], parent?: Scope, aliases: ReadonlyMap<string, Expr> = new Map()) {
    this.items = items
    this.parent = parent
    this.aliases = aliases
  }

  /** @throws SnowflakeError 000904 or 002028 */
  resolve(name: Name, bind: (expr: Expr) => Typed): Typed {
    const own = this.#own(name)
    if (own !== undefined) {
      this.inner += 1
      return own
    }
    const [only, ...more] = name
    const alias = more.length === 0 && only !== undefined ? this.aliases.get(only) : undefined
    if (alias !== undefined && only !== undefined && !this.#busy.has(only)) {
      this.#busy.add(only)
      try {
        return bind(alias)
      } finally {
        this.#busy.delete(only)
      }
    }
    const outer = this.parent?.found(name)
    if (outer === undefined) throw invalidIdentifier(shown(name))
    this.outer.push(shown(name))
    return outer
  }

  /** As seen from a subquery: only what the tables of this query have. */
  found(name: Name): Typed | undefined {
    const own = this.#own(name)
    if (own === undefined && this.parent?.found(name) !== undefined) {
      throw unsupportedSubquery(`'${shown(name)}' is two queries further out`)
    }
    return own
  }

  #own(name: Name): Typed | undefined {
    const column = name[name.length - 1] ?? ''
    const qualifier = name.slice(0, -1)
    const candidates = this.items
      .filter((item) => qualifier.length === 0 || endsWith(item.name, qualifier))
      .flatMap((item) =>
        item.columns.filter(
          (candidate) => candidate.name === column && (qualifier.length > 0 || candidate.merged !== true),
        ),
      )
    if (candidates.length > 1) throw ambiguousColumn(shown(name))
    return candidates[0]
  }

  /** Columns of `*` or `alias.*`. */
  star(of: Name | undefined, exclude: readonly string[]): readonly ScopeColumn[] {
    const items = of === undefined ? this.items : this.items.filter((item) => endsWith(item.name, of))
    if (items.length === 0) throw invalidIdentifier(shown([...(of ?? []), '*']))
    const columns = items.flatMap((item) =>
      item.columns.filter((column) => of !== undefined || column.merged !== true),
    )
    for (const name of exclude)
      if (!columns.some((column) => column.name === name)) throw invalidIdentifier(shown([name]))
    this.inner += 1
    return columns.filter((column) => !exclude.includes(column.name))
  }
}

function endsWith(name: Name, tail: Name): boolean {
  return (
    tail.length <= name.length &&
    tail.every((part, index) => part === name[name.length - tail.length + index])
  )
}
