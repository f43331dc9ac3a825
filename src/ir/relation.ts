/** A table or view by its exact, unquoted name parts. */
export interface Relation {
  readonly database?: string
  readonly schema: string
  readonly name: string
}

export function relation(schema: string, name: string): Relation {
  return { schema, name }
}

/** `schema.name`, for keys and messages; SQL text comes from the dialect. */
export function relationKey(of: Relation): string {
  return of.database === undefined ? `${of.schema}.${of.name}` : `${of.database}.${of.schema}.${of.name}`
}
