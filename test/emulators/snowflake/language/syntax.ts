/** The part of Snowflake's grammar that is modelled, as data. Names are folded: upper case unless they were quoted. */
export type Name = readonly string[]

export type Expr =
  | { readonly kind: 'null' }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'typed'; readonly type: 'DATE' | 'TIME' | 'TIMESTAMP'; readonly value: string }
  | { readonly kind: 'interval'; readonly value: string }
  | { readonly kind: 'column'; readonly name: Name }
  | { readonly kind: 'bind'; readonly key: string }
  | {
      readonly kind: 'star'
      readonly of: Name | undefined
      readonly exclude: readonly string[]
      readonly replace: readonly (readonly [string, Expr])[]
    }
  | { readonly kind: 'unary'; readonly operator: '-' | '+' | 'not'; readonly of: Expr }
  | { readonly kind: 'binary'; readonly operator: Operator; readonly left: Expr; readonly right: Expr }
  | { readonly kind: 'isNull'; readonly of: Expr; readonly not: boolean }
  | { readonly kind: 'isBoolean'; readonly of: Expr; readonly value: boolean; readonly not: boolean }
  | { readonly kind: 'isDistinct'; readonly left: Expr; readonly right: Expr; readonly not: boolean }
  | {
      readonly kind: 'between'
      readonly of: Expr
      readonly low: Expr
      readonly high: Expr
      readonly not: boolean
    }
  | {
      readonly kind: 'inList'
      readonly of: readonly Expr[]
      readonly items: readonly (readonly Expr[])[]
      readonly not: boolean
    }
  | { readonly kind: 'inQuery'; readonly of: readonly Expr[]; readonly query: Query; readonly not: boolean }
  | {
      readonly kind: 'like'
      readonly how: 'LIKE' | 'ILIKE' | 'RLIKE'
      readonly of: Expr
      readonly pattern: Expr
      readonly escape: Expr | undefined
      readonly not: boolean
    }
  | {
      readonly kind: 'case'
      readonly of: Expr | undefined
      readonly whens: readonly (readonly [Expr, Expr])[]
      readonly otherwise: Expr | undefined
    }
  | { readonly kind: 'cast'; readonly of: Expr; readonly type: TypeName; readonly trying: boolean }
  | { readonly kind: 'call'; readonly call: Call }
  | { readonly kind: 'exists'; readonly query: Query }
  | { readonly kind: 'scalar'; readonly query: Query }
  | { readonly kind: 'path'; readonly of: Expr; readonly steps: readonly PathStep[] }
  | { readonly kind: 'index'; readonly of: Expr; readonly by: Expr }

export type Operator =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | '||'
  | '='
  | '<>'
  | '<'
  | '<='
  | '>'
  | '>='
  | 'and'
  | 'or'

export type PathStep = { readonly key: string } | { readonly at: number }

export interface Call {
  readonly name: string
  readonly args: readonly Expr[]
  readonly named: ReadonlyMap<string, Expr>
  readonly distinct: boolean
  readonly withinGroup: readonly OrderItem[] | undefined
  readonly ignoreNulls: boolean
  readonly over: Over | undefined
}

export interface Over {
  readonly partition: readonly Expr[]
  readonly order: readonly OrderItem[]
  readonly frame: Frame | undefined
}

export interface Frame {
  readonly unit: 'ROWS' | 'RANGE'
  readonly from: Bound
  readonly to: Bound
}
export type Bound =
  | 'unbounded preceding'
  | 'current row'
  | 'unbounded following'
  | { readonly rows: number; readonly following: boolean }

export interface OrderItem {
  readonly of: Expr
  readonly descending: boolean
  readonly nulls: 'first' | 'last' | undefined
}

export interface TypeName {
  readonly name: string
  readonly parameters: readonly number[]
}

export interface SelectItem {
  readonly of: Expr
  readonly alias: string | undefined
  /** The text of the expression, upper case: the column's name where nothing else names it. */
  readonly text: string
}

export type From =
  | {
      readonly kind: 'table'
      readonly name: Name
      readonly alias: string | undefined
      readonly columns: readonly string[]
    }
  | {
      readonly kind: 'query'
      readonly query: Query
      readonly alias: string | undefined
      readonly columns: readonly string[]
    }
  | {
      readonly kind: 'values'
      readonly rows: readonly (readonly Expr[])[]
      readonly alias: string | undefined
      readonly columns: readonly string[]
    }
  | {
      readonly kind: 'flatten'
      readonly named: ReadonlyMap<string, Expr>
      readonly alias: string | undefined
      readonly columns: readonly string[]
    }
  /** `lateral (select … from table(flatten(input => <what stands left of it>)) …)` */
  | {
      readonly kind: 'lateral'
      readonly query: Query
      readonly alias: string | undefined
      readonly columns: readonly string[]
    }
  | { readonly kind: 'generator'; readonly rows: number; readonly alias: string | undefined }
  | {
      readonly kind: 'join'
      readonly how: 'inner' | 'left' | 'right' | 'full' | 'cross'
      readonly left: From
      readonly right: From
      readonly on: Expr | undefined
      readonly using: readonly string[]
    }

export interface Select {
  readonly kind: 'select'
  readonly distinct: boolean
  readonly items: readonly SelectItem[]
  readonly from: From | undefined
  readonly where: Expr | undefined
  readonly groupBy: readonly Expr[]
  readonly having: Expr | undefined
  readonly qualify: Expr | undefined
}

export type Body =
  | Select
  | { readonly kind: 'values'; readonly rows: readonly (readonly Expr[])[] }
  | {
      readonly kind: 'set'
      readonly operator: 'union' | 'union all' | 'except' | 'intersect'
      readonly left: Body
      readonly right: Body
    }
  | { readonly kind: 'nested'; readonly query: Query }

export interface Query {
  readonly with: readonly {
    readonly name: string
    readonly columns: readonly string[]
    readonly query: Query
  }[]
  readonly body: Body
  readonly orderBy: readonly OrderItem[]
  readonly limit: Expr | undefined
  readonly offset: Expr | undefined
}

export interface ColumnDefinition {
  readonly name: string
  readonly type: TypeName
  readonly notNull: boolean
  readonly default: Expr | undefined
}

export type Assignment = { readonly column: string; readonly value: Expr }

export type MergeClause =
  | { readonly kind: 'update'; readonly when: Expr | undefined; readonly set: readonly Assignment[] }
  | { readonly kind: 'delete'; readonly when: Expr | undefined }
  | {
      readonly kind: 'insert'
      readonly when: Expr | undefined
      readonly columns: readonly string[]
      readonly values: readonly Expr[]
    }

export type Alter =
  | { readonly kind: 'add'; readonly ifNotExists: boolean; readonly columns: readonly ColumnDefinition[] }
  | { readonly kind: 'drop'; readonly ifExists: boolean; readonly columns: readonly string[] }
  | { readonly kind: 'renameColumn'; readonly from: string; readonly to: string }
  | { readonly kind: 'rename'; readonly to: Name }
  | { readonly kind: 'type'; readonly column: string; readonly type: TypeName }
  | { readonly kind: 'swap'; readonly with: Name }
  | { readonly kind: 'note' }

export type Statement =
  | { readonly kind: 'query'; readonly query: Query }
  | {
      readonly kind: 'createTable'
      readonly name: Name
      readonly how: CreateHow
      readonly as: Query | undefined
      readonly like: Name | undefined
      readonly clone: boolean
      readonly columns: readonly ColumnDefinition[]
    }
  | {
      readonly kind: 'createView'
      readonly name: Name
      readonly how: CreateHow
      readonly columns: readonly string[]
      readonly as: Query
      readonly text: string
    }
  | { readonly kind: 'createSchema'; readonly name: Name; readonly how: CreateHow }
  | {
      readonly kind: 'drop'
      readonly what: 'TABLE' | 'VIEW' | 'SCHEMA'
      readonly name: Name
      readonly ifExists: boolean
      readonly restrict: boolean
    }
  | { readonly kind: 'alterTable'; readonly name: Name; readonly ifExists: boolean; readonly action: Alter }
  | { readonly kind: 'truncate'; readonly name: Name; readonly ifExists: boolean }
  | {
      readonly kind: 'insert'
      readonly name: Name
      readonly overwrite: boolean
      readonly columns: readonly string[]
      readonly query: Query
    }
  | {
      readonly kind: 'update'
      readonly name: Name
      readonly alias: string | undefined
      readonly set: readonly Assignment[]
      readonly from: From | undefined
      readonly where: Expr | undefined
    }
  | {
      readonly kind: 'delete'
      readonly name: Name
      readonly alias: string | undefined
      readonly using: From | undefined
      readonly where: Expr | undefined
    }
  | {
      readonly kind: 'merge'
      readonly name: Name
      readonly alias: string | undefined
      readonly using: From
      readonly on: Expr
      readonly matched: readonly MergeClause[]
      readonly notMatched: readonly MergeClause[]
    }
  | { readonly kind: 'begin' }
  | { readonly kind: 'commit' }
  | { readonly kind: 'rollback' }
  | { readonly kind: 'use'; readonly what: 'ROLE' | 'WAREHOUSE' | 'DATABASE' | 'SCHEMA'; readonly name: Name }
  | { readonly kind: 'setSession'; readonly parameters: readonly (readonly [string, string])[] }
  | { readonly kind: 'unsetSession'; readonly names: readonly string[] }
  | {
      readonly kind: 'show'
      readonly what: 'TABLES' | 'SCHEMAS' | 'COLUMNS' | 'VIEWS' | 'PARAMETERS' | 'WAREHOUSES' | 'DATABASES'
      readonly like: string | undefined
      readonly in: Name | undefined
    }
  | { readonly kind: 'describe'; readonly what: 'TABLE' | 'VIEW'; readonly name: Name }
  | { readonly kind: 'explain'; readonly query: Query }

export interface CreateHow {
  readonly replace: boolean
  readonly ifNotExists: boolean
  readonly transient: boolean
  readonly temporary: boolean
}
