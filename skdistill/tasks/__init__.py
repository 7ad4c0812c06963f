"""What is learned: classes today, sets of labels and numbers later."""
