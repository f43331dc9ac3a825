import { z } from 'zod'

/**
 * An object with these keys and no others.
 * The message of an unknown key is the list of known ones: `check-shape.ts` finds the nearest in it.
 */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape).join(' ')
  return z.strictObject(shape, { error: (issue) => (issue.code === 'unrecognized_keys' ? known : undefined) })
}

/**
 * A key that may be left out. Plain data read from YAML never holds `undefined`, so the type is that of an exact
 * option, while zod's quick way is taken: `exactOptional` runs the whole schema for each absent key.
 */
export function optional<Schema extends z.ZodType>(schema: Schema): z.ZodExactOptional<Schema>
export function optional(schema: z.ZodType): z.ZodType {
  return schema.optional()
}

export const text: z.ZodString = z.string().min(1, { error: 'must not be empty' })

export const scalar = z.union([z.string(), z.number(), z.boolean()], {
  error: 'a text, a number or true/false',
})

/**
 * A text of a certain form; `code` is the problem of one that has another. The message of the issue is the code:
 * `check-shape.ts` turns it into the problem.
 */
export function textOf(pattern: RegExp, code: FormatCode, expected: string): z.ZodString {
  return z.string({ error: expected }).regex(pattern, { error: code })
}

/** Codes that {@link textOf} may name; all of them take the key and what was found. */
export const formatCodes = ['PSN2014', 'PSN2020', 'PSN2021', 'PSN2022', 'PSN2038'] as const
export type FormatCode = (typeof formatCodes)[number]

/** A schema of values of several kinds; see {@link dispatch} and {@link unite}. */
export type Choose = <T>(kinds: Readonly<Record<string, z.ZodType>>, pick: Pick) => z.ZodType<T>

/** The name of the kind an object is of, or what is wrong with it. */
export type Pick = (value: object) => string | PickError
export type PickError =
  | { readonly error: 'missing'; readonly key: string }
  | { readonly error: 'value'; readonly key: string; readonly allowed: readonly string[] }
  | {
      readonly error: 'none' | 'several'
      readonly found: readonly string[]
      readonly allowed: readonly string[]
    }

/** The kind is the value of a key. */
export function byValueOf(key: string, allowed: readonly string[]): Pick {
  return (value) => {
    const found: unknown = Reflect.get(value, key)
    if (found === undefined) return { error: 'missing', key }
    return typeof found === 'string' && allowed.includes(found) ? found : { error: 'value', key, allowed }
  }
}

/** The kind is the one of these keys that is there. */
export function byKey(allowed: readonly string[]): Pick {
  return (value) => {
    const found = allowed.filter((key) => Object.hasOwn(value, key))
    const [only] = found
    return only !== undefined && found.length === 1
      ? only
      : { error: found.length === 0 ? 'none' : 'several', found, allowed }
  }
}

/**
 * For checking: only the schema of the picked kind is asked, so the time does not grow with the number of kinds and
 * the problems are those of the kind that was meant. Arrays are picked only where there is a kind `list`.
 */
export const dispatch: Choose = <T>(kinds: Readonly<Record<string, z.ZodType>>, pick: Pick) =>
  z
    .unknown()
    .check((context) => {
      const { value } = context
      if (typeof value !== 'object' || value === null || (Array.isArray(value) && !('list' in kinds))) {
        context.issues.push({ code: 'invalid_type', expected: 'object', input: undefined })
        return
      }
      const picked = pick(value)
      if (typeof picked !== 'string') {
        context.issues.push(pickIssue(picked))
        return
      }
      const result = kinds[picked]?.safeParse(value)
      if (result?.success === false) {
        for (const issue of result.error.issues) context.issues.push({ ...issue, input: undefined })
      }
    })
    .pipe(z.custom<T>())

/** For publishing: the plain union that a JSON Schema can express. */
export const unite: Choose = <T>(kinds: Readonly<Record<string, z.ZodType>>) =>
  z.union(Object.values(kinds)).pipe(z.custom<T>())

function pickIssue(error: PickError): z.core.$ZodRawIssue {
  const input = undefined
  switch (error.error) {
    case 'missing':
      return { code: 'invalid_type', expected: 'string', path: [error.key], input }
    case 'value':
      return { code: 'invalid_value', values: [...error.allowed], path: [error.key], input }
    case 'none':
    case 'several':
      return { code: 'custom', params: { ...error }, input }
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
