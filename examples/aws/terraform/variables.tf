variable "bucket" {
  description = "The bucket for locks: of its own, for whoever may use it sees the names of all its keys."
  type        = string
}

variable "prefix" {
  description = "What stands before every key. Two prefixes are two stores."
  type        = string
  default     = "ci"
  validation {
    condition     = can(regex("^[\\w.-]+(/[\\w.-]+)*$", var.prefix))
    error_message = "A path such as ci or team/ci, without a slash at either end."
  }
}

variable "subjects" {
  description = <<-EOT
    Which jobs may take locks, by the claim sub of their identity, with * for anything. Both forms of a repository's name:
    ["repo:acme/api:ref:refs/heads/main", "repo:acme@65/api@74:ref:refs/heads/main"]
  EOT
  type        = list(string)
  validation {
    condition     = length(var.subjects) > 0 && alltrue([for subject in var.subjects : can(regex("^repo:[^*/]+/", subject))])
    error_message = "Each begins with repo: and the name of an owner, without a wildcard in it: anybody on GitHub may have a repository."
  }
}

variable "role_name" {
  type    = string
  default = "leasehold"
}

variable "audience" {
  description = "The input audience of the action. In China sts.amazonaws.com.cn."
  type        = string
  default     = "sts.amazonaws.com"
}

variable "issuer" {
  description = "Who gives jobs their identity. On an Enterprise Server HOSTNAME/_services/token."
  type        = string
  default     = "token.actions.githubusercontent.com"
}

variable "create_provider" {
  description = "false if the account has an identity provider for the issuer already."
  type        = bool
  default     = true
}
