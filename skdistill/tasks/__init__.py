"""Tasks say what is learned: classes today, sets of labels and numbers later."""
