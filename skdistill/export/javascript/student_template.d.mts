// The types of a student of skdistill. The module has the same name and folder.

/** A label. */
export type Label = $label;

//: row
/** The labels, in the order of the probabilities. */
export declare const classes: readonly Label[];

/** The columns in their order. */
export declare const features: readonly Feature[];

/** Whether values may be missing. */
export declare const takesMissing: boolean;

/** Predict class probabilities, in the order of `classes`. */
export declare function predictProba(row: Row): number[];

/** Predict the label: the most probable class. */
export declare function predict(row: Row): Label;
