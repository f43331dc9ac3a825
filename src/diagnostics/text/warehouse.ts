/** Texts of PSN4xxx: talking to a warehouse. */
export const warehouseText = {}
