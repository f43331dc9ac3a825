/** NUMBERs come as text, with the digits that their scale has. */
type Example = readonly [expression: string, expected: string | number | boolean | null]

/** By page of https://docs.snowflake.com/en/sql-reference/functions/…: what its text or its examples say. */
export type Examples = Readonly<Record<string, readonly Example[]>>
