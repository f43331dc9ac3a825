/**
 * Regular expressions in the subset that RE2 and Postgres read alike. They stand before every cast of foreign text, so
 * that what counts as a number or a time is decided here, equally everywhere, and no cast can raise.
 */

/** Longest text that {@link decimalNumber} may be asked about; with it no match exceeds the range of a double. */
export const longestNumber = 200

/**
 * A finite double. Three digits of exponent only behind a single leading digit: `1e307` fits in a double,
 * two hundred digits before it would not.
 */
export const decimalNumber =
  '^[+-]?([0-9]+[.]?[0-9]*|[.][0-9]+)([eE][+-]?[0-9]{1,2})?$|' +
  '^[+-]?[1-9]([.][0-9]*)?[eE][+-]?([0-2][0-9][0-9]|30[0-7])$'

/** JSON integers that text and double agree on, without sign of zero. */
export const plainInteger = '^-?[1-9][0-9]{0,17}$'

const leapYear = '([1-9][0-9]([2468][048]|[13579][26]|0[48])|([2468][048]|[13579][26])00)'
const date =
  `(${leapYear}-02-29|[1-9][0-9]{3}-(` +
  '(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31))'
const clock = '([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]([.][0-9]{1,9})?'
const zone = '(Z|[+-](0[0-9]|1[0-4]):?[0-5][0-9])'

/** A date that exists, years 1000 to 9999, alone or with a time of day and a zone. */
export const isoInstant = `^${date}([T ]${clock}${zone})?$`

// Escapes of NUL and of half a surrogate pair are no characters: Postgres refuses them, so they count as malformed.
const codeUnit =
  '0{3}[1-9a-fA-F]|00[1-9a-fA-F][0-9a-fA-F]|0[1-9a-fA-F][0-9a-fA-F]{2}|[1-9a-cA-CefEF][0-9a-fA-F]{3}|' +
  '[dD][0-7][0-9a-fA-F]{2}|[dD][89abAB][0-9a-fA-F]{2}\\\\u[dD][c-fC-F][0-9a-fA-F]{2}'
const jsonString = `"([^"\\\\\\x01-\\x1f]|\\\\["\\\\/bfnrt]|\\\\u(${codeUnit}))*"`
const jsonNumber = '-?(0|[1-9][0-9]*)([.][0-9]+)?([eE][+-]?[0-9]+)?'
const space = '[ \\t\\n\\r]*'
const jsonScalar = `${space}(${jsonString}|${jsonNumber}|true|false|null)${space}`

/** JSON text of an array of scalars, possibly empty. */
export const scalarArray = `^${space}\\[(${space}|${jsonScalar}(,${jsonScalar})*)\\]${space}$`

const jsonMember = `${space}${jsonString}${space}:${jsonScalar}`
const flatObject = `${space}\\{(${space}|${jsonMember}(,${jsonMember})*)\\}${space}`

/** JSON text of an array of objects whose members are scalars, possibly empty. */
export const objectArray = `^${space}\\[(${space}|${flatObject}(,${flatObject})*)\\]${space}$`
