output "role_to_assume" {
  description = "The input role-to-assume of the action."
  value       = aws_iam_role.locks.arn
}

output "store" {
  description = "The input store of the action."
  value       = "s3://${aws_s3_bucket.locks.bucket}/${var.prefix}?region=${aws_s3_bucket.locks.region}"
}
