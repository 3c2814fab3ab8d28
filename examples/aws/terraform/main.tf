# A bucket for locks, and a role by which jobs of GitHub Actions reach it: docs/aws.md.
terraform {
  required_version = ">= 1.3"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81" # No thumbprints any more.
    }
  }
}

data "aws_partition" "current" {}

locals {
  place        = { partition = data.aws_partition.current.partition, bucket = var.bucket, prefix = var.prefix }
  provider_arn = var.create_provider ? aws_iam_openid_connect_provider.github[0].arn : data.aws_iam_openid_connect_provider.github[0].arn
}

# Not versioned: a lock is written at every renewal, 120 times an hour by default, and nobody needs what it was before.
resource "aws_s3_bucket" "locks" {
  bucket = var.bucket
}

resource "aws_s3_bucket_public_access_block" "locks" {
  bucket                  = aws_s3_bucket.locks.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "locks" {
  bucket = aws_s3_bucket.locks.id
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "locks" {
  bucket = aws_s3_bucket.locks.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# What probes of the store left behind. Never let a rule expire what is below locks/.
resource "aws_s3_bucket_lifecycle_configuration" "locks" {
  bucket = aws_s3_bucket.locks.id
  rule {
    id     = "probes"
    status = "Enabled"
    filter {
      prefix = "${var.prefix}/probe/"
    }
    expiration {
      days = 30
    }
  }
}

# S3 itself refuses writes without a condition, and the deletion of locks, to everybody.
resource "aws_s3_bucket_policy" "locks" {
  bucket = aws_s3_bucket.locks.id
  policy = templatefile("${path.module}/bucket-policy.json.tftpl", local.place)
  # A policy and an access block at the same time conflict now and then.
  depends_on = [aws_s3_bucket_public_access_block.locks]
}

# An account has one provider for an issuer.
resource "aws_iam_openid_connect_provider" "github" {
  count          = var.create_provider ? 1 : 0
  url            = "https://${var.issuer}"
  client_id_list = [var.audience]
}

data "aws_iam_openid_connect_provider" "github" {
  count = var.create_provider ? 0 : 1
  url   = "https://${var.issuer}"
}

resource "aws_iam_role" "locks" {
  name        = var.role_name
  description = "Jobs that take locks in s3://${var.bucket}/${var.prefix}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.provider_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = { "${var.issuer}:aud" = var.audience }
        StringLike   = { "${var.issuer}:sub" = var.subjects }
      }
    }]
  })
}

resource "aws_iam_role_policy" "locks" {
  name   = "locks"
  role   = aws_iam_role.locks.id
  policy = templatefile("${path.module}/permissions.json.tftpl", local.place)
}
