/** What JSON text can hold: request bodies are outside data and are looked into by these alone. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [member: string]: Json }

export type JsonObject = { readonly [member: string]: Json }

/** @throws SyntaxError */
export function parseJson(text: string): Json {
  const value: Json = JSON.parse(text)
  return value
}

export function member(of: Json | undefined, ...path: readonly string[]): Json | undefined {
  let at = of
  for (const name of path) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined
  return at
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textMember(of: Json | undefined, ...path: readonly string[]): string | undefined {
  const value = member(of, ...path)
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

export function listMember(of: Json | undefined, ...path: readonly string[]): readonly Json[] {
  const value = member(of, ...path)
  return isList(value) ? value : []
}

export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value)
}

export function isTrue(of: Json | undefined, ...path: readonly string[]): boolean {
  const value = member(of, ...path)
  return value === true || value === 'true'
}
