/**
 * Snowflake keeps an unquoted name in upper case, and everyone there writes names unquoted. So what a project calls
 * `profile_traits` is PROFILE_TRAITS in the warehouse, and the other way round: plain names change case, all others
 * stay as they are. The rule is its own inverse, and gives two names to no one name.
 */
export function swapCase(name: string): string {
  if (/^[a-z_][a-z0-9_$]*$/.test(name)) return name.toUpperCase()
  if (/^[A-Z_][A-Z0-9_$]*$/.test(name)) return name.toLowerCase()
  return name
}
