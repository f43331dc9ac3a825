/** Texts of PSN5xxx: running, testing and syncing. */
export const runText = {}
