// The types of a student of skdistill. The module has the same name and folder.

//? classes label_sets
/** A label. */
export type Label = $label;

//?
//: row
//? classes label_sets
/** The labels, in the order of the probabilities. */
export declare const classes: readonly Label[];

//? levels
/** The levels of the quantiles, in the order of the numbers. */
export declare const quantiles: readonly number[];

//?
/** The columns in their order. */
export declare const features: readonly Feature[];

/** Whether values may be missing. */
export declare const takesMissing: boolean;

//? classes
/** Predict class probabilities, in the order of `classes`. */
export declare function predictProba(row: Row): number[];

/** Predict the label: the most probable class. */
export declare function predict(row: Row): Label;
//? label_sets
/** Predict the probability of each label, in the order of `classes`. */
export declare function predictProba(row: Row): number[];

/** Predict which labels the row has: 1 for each that it has, otherwise 0. */
export declare function predict(row: Row): (0 | 1)[];
//? one_number
/** Predict the number. */
export declare function predict(row: Row): number;
//? several_numbers
/** Predict the numbers. */
export declare function predict(row: Row): number[];
//? quantiles
/** Predict the quantiles, in the order of `quantiles`. They never cross. */
export declare function predict(row: Row): number[];
//?
