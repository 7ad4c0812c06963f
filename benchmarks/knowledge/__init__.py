"""What students keep of knowledge that is not a plain classifier's, a part each."""
