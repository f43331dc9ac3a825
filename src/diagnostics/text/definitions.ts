/** Texts of PSN2xxx: definitions and their references. */
export const definitionsText = {}
