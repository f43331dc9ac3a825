export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {}
}

/** The string under a key, undefined where there is none. */
export function string(of: unknown, key: string): string | undefined {
  const value = record(of)[key]
  return typeof value === 'string' ? value : undefined
}
