//: row
/** A value of a column of numbers. */
export type NumberValue = $number;

/** A row as an object: the names of the columns are its keys. */
export interface NamedRow {
  $columns
}

/** A row as a list: values in the order of the columns. */
export type ListedRow = $list;

/** A raw row. */
export type Row = NamedRow | ListedRow;

/**
 * A column of numbers. Outside the range the student sees no difference; the range is
 * null if it is not known.
 */
export interface NumberFeature {
  readonly name: string;
  readonly kind: "number";
  readonly low: number | null;
  readonly high: number | null;
}

/** A column of categories with its levels, the most frequent first. */
export interface CategoryFeature {
  readonly name: string;
  readonly kind: "category";
  readonly levels: readonly (string | number | boolean | bigint)[];
}

/** A column that the student does not use. */
export interface UnusedFeature {
  readonly name: string;
  readonly kind: "unused";
}

export type Feature = NumberFeature | CategoryFeature | UnusedFeature;

