"""Students as ONNX models."""
